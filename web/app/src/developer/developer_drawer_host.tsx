import { lazy, Suspense, useState } from 'react';
import type { DeveloperDrawerControl } from './use_developer_drawer.ts';

const DeveloperDrawer = lazy(async () => ({
  default: (await import('./developer_drawer.tsx')).DeveloperDrawer,
}));

// Loads the drawer when it is opened for the first time; then it stays, so that it can close smoothly.
export function DeveloperDrawerHost({ drawer }: { drawer: DeveloperDrawerControl }) {
  const [wanted, setWanted] = useState(false);
  if (drawer.opened && !wanted) setWanted(true);
  if (!wanted) return null;
  return (
    <Suspense fallback={null}>
      <DeveloperDrawer opened={drawer.opened} onClose={drawer.close} />
    </Suspense>
  );
}
