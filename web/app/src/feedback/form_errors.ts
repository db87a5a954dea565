// Puts what the server said about fields at the fields, and the focus on the first of them.
import type { FormErrors, UseFormReturnType } from '@mantine/form';
import type { Failure } from './failure.ts';

type Form<Values> = Pick<UseFormReturnType<Values>, 'setErrors' | 'getInputNode'>;

export function focusFirstError<Values>(form: Pick<Form<Values>, 'getInputNode'>, errors: FormErrors): void {
  const [first] = Object.keys(errors);
  if (first !== undefined) form.getInputNode(first as never)?.focus();
}

// `names` says which field of the form shows an error that the server gives another name. With `fallback`, an
// error that names no field stands at that one.
export function fieldErrorsOf(
  failure: Failure,
  known: readonly string[],
  names: Record<string, string> = {},
  fallback?: string,
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [serverName, text] of Object.entries(failure.fields)) {
    const name = names[serverName] ?? serverName;
    if (known.includes(name)) errors[name] = text;
  }
  if (Object.keys(errors).length === 0 && fallback !== undefined) errors[fallback] = failure.message;
  return errors;
}

export function showFieldErrors<Values extends object>(
  form: Form<Values> & Pick<UseFormReturnType<Values>, 'getValues'>,
  failure: Failure,
  names?: Record<string, string>,
  fallback?: string,
): void {
  const errors = fieldErrorsOf(failure, Object.keys(form.getValues()), names, fallback);
  form.setErrors(errors);
  focusFirstError(form, errors);
}
