import { Skeleton, VisuallyHidden } from '@mantine/core';
import classes from './page.module.css';

export function PageSkeleton() {
  return (
    <div className={classes.page}>
      <VisuallyHidden role="status">Loading…</VisuallyHidden>
      <Skeleton height={34} width="40%" />
      <Skeleton height={180} radius="lg" />
      <Skeleton height={180} radius="lg" />
    </div>
  );
}
