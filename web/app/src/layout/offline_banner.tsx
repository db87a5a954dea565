import { IconWifiOff } from '@tabler/icons-react';
import classes from './offline_banner.module.css';
import { useOnline } from './use_online.ts';

export function OfflineBanner() {
  const online = useOnline();
  return (
    <div role="status" className={classes.live}>
      {online ? null : (
        <p className={classes.banner}>
          <IconWifiOff size={18} aria-hidden />
          You are offline. You stay signed in; calls work again when the connection is back.
        </p>
      )}
    </div>
  );
}
