import { Alert, Button, MantineProvider } from '@mantine/core';
import { theme } from './theme/theme.ts';
import classes from './start_failed.module.css';

// Shown when the configuration cannot be read: without it there is no app.
export function StartFailed({ reason }: { reason: string }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <main className={classes.page}>
        <h1>The app cannot start</h1>
        <Alert role="alert" color="red" variant="outline">
          {reason}
        </Alert>
        <Button onClick={() => location.reload()}>Try again</Button>
      </main>
    </MantineProvider>
  );
}
