import { Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useConfig } from '../config/config_context.ts';
import classes from './page_heading.module.css';

// The one h1 of a page. It takes the focus when the page opens, so that a screen reader says where it is and
// the keyboard starts at the top; on the very first page the browser's own start is left alone.
let openedBefore = false;

export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const appTitle = useConfig().title;
  useEffect(() => {
    document.title = `${title} · ${appTitle}`;
    if (openedBefore) heading.current?.focus({ preventScroll: true });
    openedBefore = true;
  }, [title, appTitle]);
  return (
    <div className={classes.heading}>
      <Title order={1} ref={heading} tabIndex={-1}>
        {title}
      </Title>
      {children ? (
        <Text c="dimmed" className={classes.lead}>
          {children}
        </Text>
      ) : null}
    </div>
  );
}
