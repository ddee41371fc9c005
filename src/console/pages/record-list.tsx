import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecordRow } from '../record-row.ts';
import { bytes, clock, dateTime, inert, number } from './format.ts';
import { select, type Selection } from './selection.ts';
import type { Line, TailModel } from './tail-model.ts';

const ROW = 29;
const SPARE = 12;

/** Draws the lines that are visible, whatever the number of all. */
export function RecordList({
  model,
  selected,
}: {
  readonly model: TailModel;
  readonly selected: Selection | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const { lines, isLive } = model;
  const height = box.current?.clientHeight ?? 600;
  useLayoutEffect(() => {
    const added = model.added;
    model.added = 0;
    // What somebody reads stays where it is while newer records arrive above it.
    if (isLive && box.current !== null && box.current.scrollTop > 0) box.current.scrollTop += added * ROW;
  }, [model.version.value]);
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  const last = Math.min(lines.length, Math.ceil((top + height) / ROW) + SPARE);
  const shown: Line[] = [];
  for (let at = first; at < last; at++) {
    const line = lines[isLive ? lines.length - 1 - at : at];
    if (line !== undefined) shown.push(line);
  }
  return (
    <div
      class="rows"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label="Records"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={lines.length}>
        <thead>
          <tr>
            <th class="c-time">Time</th>
            <th class="c-shard">Shard</th>
            <th class="c-key">Key</th>
            <th class="c-size num">Size</th>
            <th class="c-chain">Decoded</th>
            <th>Record</th>
          </tr>
        </thead>
        <tbody>
          <Spacer rows={first} />
          {shown.map((line) =>
            line.gap === undefined ? (
              <Row
                key={`${line.shard}${line.seq}`}
                row={line}
                isSelected={line.seq === selected?.seq && line.shard === selected.shard}
              />
            ) : (
              <tr key={`gap ${line.id}`}>
                <td colSpan={6}>
                  {number(line.gap.skipped)} records of {line.gap.shard} were skipped: there are more than the
                  page can show
                </td>
              </tr>
            ),
          )}
          <Spacer rows={lines.length - last} />
        </tbody>
      </table>
      {lines.length === 0 && (
        <p class="empty">
          {model.progress.value.done === undefined
            ? isLive
              ? 'Waiting for records …'
              : 'Searching …'
            : 'No records.'}
        </p>
      )}
    </div>
  );
}

function Spacer({ rows }: { readonly rows: number }) {
  const row = useRef<HTMLTableRowElement>(null);
  useLayoutEffect(() => {
    // The policy allows no inline style, but the property.
    if (row.current !== null) row.current.style.height = `${Math.max(0, rows) * ROW}px`;
  }, [rows]);
  return rows > 0 ? <tr ref={row} aria-hidden="true" /> : null;
}

function Row({ row, isSelected }: { readonly row: RecordRow; readonly isSelected: boolean }) {
  return (
    <tr aria-selected={isSelected} onClick={() => select(row)}>
      <td class="mono c-time" title={dateTime(row.time)}>
        {clock(row.time)}
      </td>
      <td class="mono c-shard">{shardNumber(row.shard)}</td>
      <td class="mono c-key" title={row.key}>
        {inert(row.key)}
      </td>
      <td class="num c-size">{bytes(row.size)}</td>
      <td class="c-chain muted">{[...row.chain, row.format].join(' › ')}</td>
      <td class="mono">
        <button type="button" class="cell" onClick={() => select(row)}>
          {inert(row.text.replaceAll(/\s+/g, ' '))}
        </button>
      </td>
    </tr>
  );
}

export function shardNumber(shardId: string): string {
  return shardId.replace(/^shardId-0*(?=\d)/, '');
}
