import { labCases } from '@latchkey/flutterflow-client';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link, useSearch } from '@tanstack/react-router';
import { PageHeading } from '../layout/page_heading.tsx';
import layout from '../layout/page.module.css';
import { CaseView } from './case_view.tsx';
import classes from './lab_page.module.css';

// The list of wrong wirings beside the one that was chosen; a phone shows one of the two.
export function LabPage() {
  const { case: chosenId } = useSearch({ from: '/lab' });
  const chosen = labCases.find(({ id }) => id === chosenId);
  return (
    <div className={layout.page}>
      <PageHeading title="Wiring lab">
        Ways in which FlutterFlow apps are wired wrongly. Choose one, run it against this server, and see what the app
        holds, what it shows, and which setting cures it.
      </PageHeading>
      <div className={classes.lab} data-chosen={chosen ? true : undefined}>
        <nav aria-label="Wrong wirings" className={classes.list}>
          <ul>
            {labCases.map(({ id, title, symptom }) => (
              <li key={id}>
                <Link to="/lab" search={{ case: id }} className={classes.choice} resetScroll={false}>
                  <strong>{title}</strong>
                  <span>{symptom}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.chosen}>
          {chosen ? (
            <>
              <Link to="/lab" search={{}} className={classes.back}>
                <IconArrowLeft size={18} aria-hidden /> All wirings
              </Link>
              <CaseView key={chosen.id} labCase={chosen} />
            </>
          ) : (
            <div className={classes.empty}>
              <strong>Choose a wiring</strong>
              <p>
                Running one signs up an account of its own on this server, such as lab-1a2b@example.com. Your own
                session is left alone, and time passes only inside the lab.
              </p>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
