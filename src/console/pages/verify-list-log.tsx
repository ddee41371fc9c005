import { useState } from 'preact/hooks';
import { describeReport } from '../../decode/list-log-check.ts';
import { quoted } from '../../support/shell-word.ts';
import type { ListLogCheckView } from '../list-log-check.ts';
import { bytes } from './format.ts';
import { Problem, Tag, useLive } from './ui.tsx';

/** Reads the whole object of a list log when it is asked to. */
export function VerifyListLog({ name }: { readonly name: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div class="row">
        <button type="button" class="small" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          Verify
        </button>
        <span class="muted small">
          reads the whole object, and checks that it has all lines that were written:{' '}
          <code>nagare list-log verify {quoted(name)}</code>
        </span>
      </div>
      {isOpen && <Check name={name} />}
    </>
  );
}

function Check({ name }: { readonly name: string }) {
  const { data, problem } = useLive<ListLogCheckView>({ topic: 'list-log-check', listLog: name });
  if (data === undefined) return <Problem text={problem} />;
  const { report, totalBytes } = data;
  if (report === undefined) {
    return (
      <p class="row small">
        <progress max={Math.max(1, totalBytes)} value={data.bytes} aria-label="Bytes that are read" />
        {bytes(data.bytes)} of {bytes(totalBytes)}
      </p>
    );
  }
  const isWell = report.problems.length === 0;
  return (
    <div role="status" class="stack">
      {report.problems.map((text) => (
        <p key={text} class="note bad">
          {text}
        </p>
      ))}
      <p class="row small">
        <Tag tone={isWell ? 'good' : 'bad'}>{isWell ? 'as it was written' : 'not as it was written'}</Tag>
        {describeReport(report)}, {bytes(report.bytes)}
      </p>
    </div>
  );
}
