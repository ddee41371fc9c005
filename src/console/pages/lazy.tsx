import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Loading, Problem } from './ui.tsx';

/** A part of the page whose script is loaded when it is first seen. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return (props) => {
    const [Part, setPart] = useState<ComponentType<Props> | undefined>(() => loaded);
    const [problem, setProblem] = useState<string>();
    useEffect(() => {
      if (Part !== undefined) return;
      load().then(
        (found) => setPart(() => (loaded = found)),
        () => setProblem('This page could not be loaded. Reload it when the server is there.'),
      );
    }, []);
    if (problem !== undefined) return <Problem text={problem} />;
    return Part === undefined ? <Loading /> : <Part {...props} />;
  };
}
