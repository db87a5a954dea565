import { PageHeading } from '../layout/page_heading.tsx';
import layout from '../layout/page.module.css';

export function LabPage() {
  return (
    <div className={layout.page}>
      <PageHeading title="Wiring lab" />
    </div>
  );
}
