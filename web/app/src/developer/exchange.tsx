import classes from './exchange.module.css';
import { prettyJson } from './pretty_json.ts';

interface ExchangeProps {
  title: string;
  headers: Record<string, string>;
  body: string;
}

// One half of a call: its headers and its body.
export function Exchange({ title, headers, body }: ExchangeProps) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = [...lines, ...(body ? ['', prettyJson(body)] : [])].join('\n').trim();
  return (
    <section className={classes.exchange}>
      <h3>{title}</h3>
      <pre tabIndex={0} aria-label={title}>
        {text || 'nothing'}
      </pre>
    </section>
  );
}
