import { ActionIcon } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { Link, Outlet } from '@tanstack/react-router';
import { useConfig } from '../config/config_context.ts';
import { DeveloperDrawerHost } from '../developer/developer_drawer_host.tsx';
import { useDeveloperDrawer } from '../developer/use_developer_drawer.ts';
import { Logo } from './logo.tsx';
import { MainNavigation } from './main_navigation.tsx';
import { OfflineBanner } from './offline_banner.tsx';
import { SchemeToggle } from './scheme_toggle.tsx';
import classes from './shell.module.css';

export function Shell() {
  const { title } = useConfig();
  const drawer = useDeveloperDrawer();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand}>
            <Logo size={30} />
            <span className={classes.title}>{title}</span>
          </Link>
          <MainNavigation />
          <div className={classes.tools}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={40}
              aria-label="Developer drawer"
              aria-keyshortcuts="Control+."
              aria-expanded={drawer.opened}
              title="Developer drawer (Ctrl + .)"
              onClick={drawer.toggle}
            >
              <IconTerminal2 size={20} aria-hidden />
            </ActionIcon>
            <SchemeToggle />
          </div>
        </div>
      </header>
      <OfflineBanner />
      <main id="content" className={classes.main}>
        <Outlet />
      </main>
      <footer className={classes.footer}>
        <nav aria-label="More">
          <Link to="/lab">Wiring lab</Link>
          <a href="/openapi.json">API description</a>
          <button type="button" onClick={drawer.toggle}>
            Developer drawer <kbd>Ctrl .</kbd>
          </button>
        </nav>
      </footer>
      <DeveloperDrawerHost drawer={drawer} />
    </div>
  );
}
