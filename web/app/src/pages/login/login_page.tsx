import type { SignInInput } from '@latchkey/flutterflow-client';
import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { focusFirstError, showFieldErrors } from '../../feedback/form_errors.ts';
import { fieldProps } from '../../feedback/field_props.ts';
import { failureOf } from '../../feedback/failure.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SubmitButton } from '../../feedback/submit_button.tsx';
import { useWait } from '../../feedback/use_wait.ts';
import { AnchorLink } from '../../layout/link.tsx';
import { displayNameOf } from '../../session/account.ts';
import { useSession, useSessionState } from '../../session/session_context.ts';
import { FormCard } from '../form_card.tsx';
import classes from '../form_layout.module.css';
import { SignedInCard } from '../signed_in_card.tsx';

export function LoginPage() {
  const { loggedIn } = useSessionState();
  return loggedIn ? <SignedInCard /> : <LoginForm />;
}

function LoginForm() {
  const session = useSession();
  const [wait, beginWait] = useWait();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { identifier: useLocation().state.identifier ?? '', password: '' },
    validate: {
      identifier: (value) => (value.trim() ? null : 'Enter your email address, user name or phone number.'),
      password: (value) => (value ? null : 'Enter your password.'),
    },
  });
  const login = useMutation({
    mutationFn: (input: SignInInput) => session.signIn(input),
    onSuccess: ({ user }) => notifySuccess(`Welcome back, ${displayNameOf(user)}.`),
    onError: (error) => {
      const failure = failureOf(error);
      if (failure.retryAfterSeconds !== undefined && failure.kind === 'limited') beginWait(failure.retryAfterSeconds);
      // Which of the two is wrong is not said, so the message stands at the last one.
      const fallback = failure.kind === 'refused' ? 'password' : undefined;
      showFieldErrors(form, failure, { email: 'identifier', username: 'identifier', phone: 'identifier' }, fallback);
    },
  });

  return (
    <FormCard
      title="Log in"
      lead="Good to see you again."
      other={
        <>
          No account yet? <AnchorLink to="/signup">Create an account</AnchorLink>
        </>
      }
    >
      <form
        noValidate
        aria-label="Log in"
        className={classes.form}
        onSubmit={form.onSubmit(
          ({ identifier, password }) => login.mutate({ identifier: identifier.trim(), password }),
          (errors) => focusFirstError(form, errors),
        )}
      >
        <TextInput
          label="Email, user name or phone"
          name="identifier"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          key={form.key('identifier')}
          {...fieldProps(form, 'identifier')}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          key={form.key('password')}
          {...fieldProps(form, 'password')}
        />
        <SubmitButton label="Log in" pending={login.isPending} wait={wait} />
      </form>
    </FormCard>
  );
}
