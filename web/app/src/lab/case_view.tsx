import type { LabCase, LabVariant } from '@latchkey/flutterflow-client';
import { Button } from '@mantine/core';
import { IconPlayerPlay, IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { SlowNotice } from '../feedback/slow_notice.tsx';
import { Card } from '../layout/card.tsx';
import classes from './case_view.module.css';
import { LabRunView } from './lab_run_view.tsx';
import { runInLab } from './lab_account.ts';
import { differencesOf } from './wiring_differences.ts';
import { useConfig } from '../config/config_context.ts';

const VARIANT_NAMES: Record<LabVariant, string> = { wrong: 'As wired', cured: 'Cured' };

export function CaseView({ labCase }: { labCase: LabCase }) {
  const { apiBase } = useConfig();
  const run = useMutation({
    mutationFn: async (variant: LabVariant) => ({ variant, run: await runInLab(labCase, variant, apiBase) }),
  });
  const start = (variant: LabVariant) => {
    if (!run.isPending) run.mutate(variant);
  };
  return (
    <>
      <Card title={labCase.title} description={labCase.symptom}>
        <dl className={classes.about}>
          <dt>Why</dt>
          <dd>{labCase.why}</dd>
          <dt>Cure</dt>
          <dd>{labCase.cure}</dd>
          <dt>Setting</dt>
          <dd className={classes.setting}>{labCase.setting}</dd>
        </dl>
        <Differences labCase={labCase} />
        <div className={classes.buttons}>
          <Button
            variant="default"
            aria-disabled={run.isPending || undefined}
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
            onClick={() => start('wrong')}
          >
            Run as wired
          </Button>
          <Button
            aria-disabled={run.isPending || undefined}
            leftSection={<IconShieldCheck size={18} aria-hidden />}
            onClick={() => start('cured')}
          >
            Run cured
          </Button>
        </div>
        <SlowNotice waiting={run.isPending} />
      </Card>
      <div aria-live="polite" aria-busy={run.isPending}>
        {run.isPending ? <p className={classes.running}>Running…</p> : null}
        {run.isSuccess ? (
          <LabRunView name={VARIANT_NAMES[run.data.variant]} variant={run.data.variant} run={run.data.run} />
        ) : null}
      </div>
    </>
  );
}

function Differences({ labCase }: { labCase: LabCase }) {
  const differences = differencesOf(labCase);
  if (differences.length === 0) return null;
  return (
    <div className={classes.scroller} tabIndex={0} role="region" aria-label="What differs">
      <table className={classes.differences}>
        <thead>
          <tr>
            <th scope="col">What differs</th>
            <th scope="col">As wired</th>
            <th scope="col">Cured</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ name, wrong, cured }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{wrong}</td>
              <td>{cured}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
