import './theme/styles.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadConfig } from './config/app_config.ts';
import { StartFailed } from './start_failed.tsx';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has an element for the app.');
const root = createRoot(element);

try {
  root.render(<App config={await loadConfig('/app/config.json')} />);
} catch (error) {
  root.render(<StartFailed reason={error instanceof Error ? error.message : String(error)} />);
}
