import { ButtonLink } from '../layout/link.tsx';
import { PageHeading } from '../layout/page_heading.tsx';
import classes from './message_page.module.css';

export function NotFoundPage() {
  return (
    <div className={classes.message}>
      <PageHeading title="Nothing here">There is no page at this address.</PageHeading>
      <ButtonLink to="/">Go to the start</ButtonLink>
    </div>
  );
}
