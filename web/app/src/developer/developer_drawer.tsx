import '@mantine/core/styles/ModalBase.layer.css';
import '@mantine/core/styles/Drawer.layer.css';
import '@mantine/core/styles/Overlay.layer.css';
import '@mantine/core/styles/Tabs.layer.css';
import { Drawer, Tabs } from '@mantine/core';
import { CallList } from './call_list.tsx';
import classes from './developer_drawer.module.css';
import { HeldSession } from './held_session.tsx';

// Locking the scroll bar would need a <style> element, which the content security policy refuses.
export function DeveloperDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer.Root
      classNames={{ content: classes.content ?? '' }}
      opened={opened}
      onClose={onClose}
      position="right"
      size={560}
      lockScroll={false}
    >
      <Drawer.Overlay backgroundOpacity={0.35} />
      <Drawer.Content>
        <div className={classes.head}>
          <Drawer.Title className={classes.title}>Developer drawer</Drawer.Title>
          <Drawer.CloseButton aria-label="Close the developer drawer" />
        </div>
        <Drawer.Body className={classes.body}>
          <Tabs defaultValue="calls" keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="calls">API calls</Tabs.Tab>
              <Tabs.Tab value="held">What is stored</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="calls" className={classes.panel}>
              <CallList />
            </Tabs.Panel>
            <Tabs.Panel value="held" className={classes.panel}>
              <HeldSession />
            </Tabs.Panel>
          </Tabs>
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
