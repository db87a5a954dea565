import { PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { fieldProps } from '../../feedback/field_props.ts';
import { failureOf } from '../../feedback/failure.ts';
import { focusFirstError, showFieldErrors } from '../../feedback/form_errors.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SubmitButton } from '../../feedback/submit_button.tsx';
import { useWait } from '../../feedback/use_wait.ts';
import { Card } from '../../layout/card.tsx';
import { identifierOf } from '../../session/account.ts';
import { useSession, useSessionState } from '../../session/session_context.ts';
import classes from './account_form.module.css';

// At which field an error stands that names none.
const FIELD_OF_CODE: Record<string, string> = {
  invalid_credentials: 'current',
  reauthentication_needed: 'current',
  weak_password: 'password',
  same_password: 'password',
};
const WRONG_CURRENT_PASSWORD = 'This is not your current password.';

export function PasswordCard() {
  const session = useSession();
  const { user } = useSessionState();
  const [wait, beginWait] = useWait();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', password: '' },
    validate: {
      current: (value) => (value ? null : 'Enter your current password.'),
      password: (value) => (value ? null : 'Choose a new password.'),
    },
  });
  const change = useMutation({
    mutationFn: ({ current, password }: { current: string; password: string }) =>
      session.updateUser({ password, current_password: current }),
    onSuccess: () => {
      form.reset();
      notifySuccess('Your password was changed.');
    },
    onError: (error) => {
      const failure = failureOf(error);
      if (failure.retryAfterSeconds !== undefined && failure.kind === 'limited') beginWait(failure.retryAfterSeconds);
      showFieldErrors(form, failure, { current_password: 'current' }, FIELD_OF_CODE[failure.code]);
      if (failure.code === 'invalid_credentials') form.setFieldError('current', WRONG_CURRENT_PASSWORD);
    },
  });
  return (
    <Card title="Password" description="Your sessions stay signed in when you change it.">
      <form
        noValidate
        aria-label="Password"
        className={classes.form}
        onSubmit={form.onSubmit(
          (values) => change.mutate(values),
          (errors) => focusFirstError(form, errors),
        )}
      >
        {/* Tells password managers whose password this is. */}
        <input type="hidden" name="username" autoComplete="username" value={user ? identifierOf(user) : ''} readOnly />
        <PasswordInput
          label="Current password"
          name="current_password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show current password' }}
          key={form.key('current')}
          {...fieldProps(form, 'current')}
        />
        <PasswordInput
          label="New password"
          name="password"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show new password' }}
          key={form.key('password')}
          {...fieldProps(form, 'password')}
        />
        <SubmitButton label="Change password" pending={change.isPending} wait={wait} fullWidth={false} />
      </form>
    </Card>
  );
}
