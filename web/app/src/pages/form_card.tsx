import type { ReactNode } from 'react';
import { PageHeading } from '../layout/page_heading.tsx';
import classes from './form_layout.module.css';

// The card that login and sign-up stand in, with the way to the other one below it.
export function FormCard(props: { title: string; lead: string; children: ReactNode; other: ReactNode }) {
  return (
    <div className={classes.page}>
      <div className={classes.card}>
        <PageHeading title={props.title}>{props.lead}</PageHeading>
        {props.children}
      </div>
      <div className={classes.other}>{props.other}</div>
    </div>
  );
}
