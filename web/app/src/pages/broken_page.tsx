import { Button } from '@mantine/core';
import { PageHeading } from '../layout/page_heading.tsx';
import classes from './message_page.module.css';

// A page that could not be loaded or drawn: most often a new version was installed, or the network went away.
export function BrokenPage({ error }: { error: unknown }) {
  return (
    <div className={classes.message} role="alert">
      <PageHeading title="This page could not be shown">
        Reload it. If that does not help, this is what happened:{' '}
        {error instanceof Error ? error.message : String(error)}
      </PageHeading>
      <Button onClick={() => location.reload()}>Reload</Button>
    </div>
  );
}
