import { Text, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import classes from './card.module.css';

interface CardProps {
  title: string;
  description?: ReactNode;
  // Shown at the right of the title.
  aside?: ReactNode;
  tone?: 'plain' | 'danger';
  children: ReactNode;
}

// A titled region: screen readers list it among the landmarks by its title.
export function Card({ title, description, aside, tone = 'plain', children }: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.card} data-tone={tone}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <Title order={2} id={id}>
            {title}
          </Title>
          {description ? (
            <Text size="sm" c="dimmed">
              {description}
            </Text>
          ) : null}
        </div>
        {aside}
      </header>
      {children}
    </section>
  );
}
