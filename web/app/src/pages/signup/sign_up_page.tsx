import '@mantine/core/styles/FloatingIndicator.layer.css';
import '@mantine/core/styles/SegmentedControl.layer.css';
import type { SignUpInput } from '@latchkey/flutterflow-client';
import { PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldProps } from '../../feedback/field_props.ts';
import { failureOf } from '../../feedback/failure.ts';
import { focusFirstError, showFieldErrors } from '../../feedback/form_errors.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SubmitButton } from '../../feedback/submit_button.tsx';
import { useWait } from '../../feedback/use_wait.ts';
import { AnchorLink } from '../../layout/link.tsx';
import { displayNameOf } from '../../session/account.ts';
import { useSession, useSessionState } from '../../session/session_context.ts';
import { FormCard } from '../form_card.tsx';
import classes from '../form_layout.module.css';
import { SignedInCard } from '../signed_in_card.tsx';
import { IDENTIFIERS, identifierKind, signUpInput, type IdentifierKind } from './identifiers.ts';

export function SignUpPage() {
  const { loggedIn } = useSessionState();
  return loggedIn ? <SignedInCard /> : <SignUpForm />;
}

function SignUpForm() {
  const session = useSession();
  const [kind, setKind] = useState<IdentifierKind>('email');
  const [taken, setTaken] = useState<string>();
  const [wait, beginWait] = useWait();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', identifier: '', password: '' },
    onValuesChange: () => setTaken(undefined),
    validate: {
      identifier: (value) => (value.trim() ? null : `Enter your ${IDENTIFIERS[kind].name}.`),
      password: (value) => (value ? null : 'Choose a password.'),
    },
  });
  const signUp = useMutation({
    mutationFn: (input: SignUpInput) => session.signUp(input),
    onSuccess: ({ user }) => notifySuccess(`Welcome, ${displayNameOf(user)}. Your account is ready.`),
    onError: (error) => {
      const failure = failureOf(error);
      if (failure.retryAfterSeconds !== undefined && failure.kind === 'limited') beginWait(failure.retryAfterSeconds);
      const exists = failure.code === 'user_already_exists';
      if (exists) setTaken(form.getValues().identifier.trim());
      const weak = failure.code === 'weak_password';
      const fallback = exists ? 'identifier' : weak ? 'password' : undefined;
      showFieldErrors(form, failure, { [kind]: 'identifier', data: 'name' }, fallback);
    },
  });
  const identifier = IDENTIFIERS[kind];

  return (
    <FormCard
      title="Create your account"
      lead="It takes less than a minute."
      other={
        <>
          Have an account already? <AnchorLink to="/login">Log in</AnchorLink>
        </>
      }
    >
      <form
        noValidate
        aria-label="Sign up"
        className={classes.form}
        onSubmit={form.onSubmit(
          (values) => signUp.mutate(signUpInput(kind, values)),
          (errors) => focusFirstError(form, errors),
        )}
      >
        <SegmentedControl
          fullWidth
          withItemsBorders={false}
          aria-label="Sign up with"
          className={classes.kinds}
          data={Object.entries(IDENTIFIERS).map(([value, { label }]) => ({ value, label }))}
          value={kind}
          onChange={(value) => {
            setKind(identifierKind(value));
            form.clearFieldError('identifier');
          }}
        />
        <TextInput
          label={identifier.label}
          name={kind}
          type={identifier.inputType}
          autoComplete={identifier.autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          placeholder={identifier.example}
          key={form.key('identifier')}
          {...fieldProps(form, 'identifier')}
        />
        {taken === undefined ? null : (
          <AnchorLink to="/login" state={{ identifier: taken }} className={classes.instead}>
            Log in as {taken} instead
          </AnchorLink>
        )}
        <TextInput
          label="Name"
          description="Optional: how the app greets you"
          name="name"
          autoComplete="name"
          key={form.key('name')}
          {...fieldProps(form, 'name')}
        />
        <PasswordInput
          label="Password"
          description="Several unrelated words make a good one"
          name="password"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          key={form.key('password')}
          {...fieldProps(form, 'password')}
        />
        <SubmitButton label="Create account" pending={signUp.isPending} wait={wait} />
      </form>
    </FormCard>
  );
}
