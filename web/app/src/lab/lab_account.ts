// The account that the lab signs up for itself: one for this page, whatever is run.
import { browserPorts, runLabCase, type LabCase, type LabRun, type LabVariant } from '@latchkey/flutterflow-client';

const { fetch } = browserPorts();
const account = {
  email: `lab-${randomText(4)}@example.com`,
  password: `lab ${randomText(12)}`,
};

function randomText(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

export function runInLab(labCase: LabCase, variant: LabVariant, baseUrl: string): Promise<LabRun> {
  return runLabCase(labCase, variant, { baseUrl, fetch, account });
}
