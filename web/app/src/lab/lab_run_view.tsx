import type { LabRun, LabVariant } from '@latchkey/flutterflow-client';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Card } from '../layout/card.tsx';
import classes from './lab_run_view.module.css';
import { StepView } from './step_view.tsx';

interface LabRunViewProps {
  name: string;
  variant: LabVariant;
  run: LabRun;
}

export function LabRunView({ name, variant, run: { records, expectations } }: LabRunViewProps) {
  return (
    <Card
      title={`${name}: what happened`}
      description={variant === 'wrong' ? 'This is how it fails.' : 'This is how it goes when it is wired well.'}
    >
      <ul className={classes.expectations} aria-label="Expected">
        {expectations.map(({ text, holds }) => (
          <li key={text} data-tone={holds ? variant : 'unexpected'}>
            {holds ? <IconCircleCheck size={20} aria-hidden /> : <IconCircleX size={20} aria-hidden />}
            <span>
              {text}
              {holds ? '' : ': did not happen'}
            </span>
          </li>
        ))}
      </ul>
      <ol className={classes.steps} aria-label="Steps">
        {records.map((record, position) => (
          <li key={record.index}>
            <StepView record={record} before={records[position - 1]} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
