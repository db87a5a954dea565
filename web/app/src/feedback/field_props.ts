// What an input takes from its form, and that it is wrong, said to screen readers too.
import type { FormErrors } from '@mantine/form';

interface Form {
  errors: FormErrors;
  getInputProps: (name: never) => object;
}

export function fieldProps(form: Form, name: string) {
  return { ...form.getInputProps(name as never), ...(form.errors[name] ? { 'aria-invalid': true } : {}) };
}
