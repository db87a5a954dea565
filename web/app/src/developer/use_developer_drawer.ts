import { useDisclosure, useHotkeys } from '@mantine/hooks';

export interface DeveloperDrawerControl {
  opened: boolean;
  toggle: () => void;
  close: () => void;
}

export function useDeveloperDrawer(): DeveloperDrawerControl {
  const [opened, { toggle, close }] = useDisclosure(false);
  // Also while a field has the focus: the shortcut types nothing.
  useHotkeys([['mod+.', toggle]], []);
  return { opened, toggle, close };
}
