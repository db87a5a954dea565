import type { LatchkeyUser } from '@latchkey/flutterflow-client';
import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { fieldProps } from '../../feedback/field_props.ts';
import { failureOf } from '../../feedback/failure.ts';
import { focusFirstError, showFieldErrors } from '../../feedback/form_errors.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SubmitButton } from '../../feedback/submit_button.tsx';
import { Card } from '../../layout/card.tsx';
import { fullNameOf, identifierOf } from '../../session/account.ts';
import { useSession } from '../../session/session_context.ts';
import classes from './account_form.module.css';

export function NameCard({ user }: { user: LatchkeyUser }) {
  const session = useSession();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: fullNameOf(user) },
    validate: { name: (value) => (value.trim() ? null : 'Enter your name.') },
  });
  const change = useMutation({
    mutationFn: (name: string) => session.updateUser({ data: { full_name: name } }),
    onSuccess: () => notifySuccess('Your name was changed.'),
    onError: (error) => showFieldErrors(form, failureOf(error), { data: 'name' }),
  });
  return (
    <Card title="Profile" description={`You sign in as ${identifierOf(user)}.`}>
      <form
        noValidate
        aria-label="Profile"
        className={classes.form}
        onSubmit={form.onSubmit(
          ({ name }) => change.mutate(name.trim()),
          (errors) => focusFirstError(form, errors),
        )}
      >
        <TextInput label="Name" name="name" autoComplete="name" key={form.key('name')} {...fieldProps(form, 'name')} />
        <SubmitButton label="Save name" pending={change.isPending} fullWidth={false} />
      </form>
    </Card>
  );
}
