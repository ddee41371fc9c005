import { useEffect, useState } from 'preact/hooks';
import { loadSession, post, session } from './api.ts';
import { demo, stopDemo } from './demo.ts';
import { setTimeZone, timeZone, zoneName } from './format.ts';
import { Functions } from './functions.tsx';
import { KeyHelp, useGlobalKeys } from './keys.tsx';
import { lazy } from './lazy.tsx';
import { isConnected, sessionChanges } from './live.ts';
import { Login, LoginAgain } from './login.tsx';
import { Overview } from './overview.tsx';
import { linkTo, path, replace, route } from './router.ts';
import { Stream } from './stream.tsx';
import { Streams } from './streams.tsx';
import { setTheme, theme, type Theme } from './theme.ts';
import { Icon, type IconName, messageOf, Problem, Tag } from './ui.tsx';

// Most people look at streams: these are loaded when they are opened.
const Activity = lazy(async () => (await import('./activity.tsx')).Activity);
const Alarms = lazy(async () => (await import('./alarms.tsx')).Alarms);
const Objects = lazy(async () => (await import('./objects.tsx')).Objects);
const Server = lazy(async () => (await import('./server.tsx')).Server);
const Messaging = lazy(async () => (await import('./messaging.tsx')).Messaging);
const Deliveries = lazy(async () => (await import('./deliveries.tsx')).Deliveries);

interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
}

const PLACES: readonly Place[] = [
  { path: '', title: 'Overview', icon: 'overview' },
  { path: 'streams', title: 'Streams', icon: 'streams' },
  { path: 'functions', title: 'Functions', icon: 'functions' },
  { path: 'deliveries', title: 'Deliveries', icon: 'deliveries' },
  { path: 'objects', title: 'Objects', icon: 'objects' },
  { path: 'messaging', title: 'Topics and queues', icon: 'topics' },
  { path: 'alarms', title: 'Alarms', icon: 'alarms' },
  { path: 'activity', title: 'Activity', icon: 'activity' },
  { path: 'server', title: 'Server', icon: 'server' },
];

export function App() {
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    loadSession().catch((error: unknown) => setProblem(messageOf(error)));
  }, [sessionChanges.value]);
  useGlobalKeys();
  const isOldLink = session.value?.isLoggedIn === true && path.value === 'login';
  useEffect(() => {
    if (isOldLink) replace('#/');
  }, [isOldLink]);
  const known = session.value;
  if (known === undefined) {
    return <main>{problem === undefined ? null : <Problem text={problem} />}</main>;
  }
  if (!known.isLoggedIn && known.who === undefined) return <Login />;
  return (
    <div class="app">
      <a
        class="skip"
        href="#content"
        onClick={(event) => (
          event.preventDefault(),
          document.querySelector<HTMLElement>('#content')?.focus()
        )}
      >
        Skip to the content
      </a>
      <Side />
      <main id="content" tabIndex={-1}>
        {!isConnected.value && (
          <p class="note warn" role="status">
            The server does not answer. What you see may be old; it goes on when the server is back.
          </p>
        )}
        <Page />
      </main>
      <KeyHelp />
      {!known.isLoggedIn && <LoginAgain />}
    </div>
  );
}

function Page() {
  const [first = '', name, tab = 'records'] = route.value.path;
  if (first === '') return <Overview />;
  if (first === 'streams')
    return name === undefined ? <Streams /> : <Stream key={name} name={name} tab={tab} />;
  if (first === 'functions') return <Functions />;
  if (first === 'deliveries') return <Deliveries />;
  if (first === 'activity') return <Activity tab={name ?? 'changes'} />;
  if (first === 'alarms') return <Alarms />;
  if (first === 'objects') return <Objects key={name} bucket={name} />;
  if (first === 'messaging') return <Messaging />;
  if (first === 'server') return <Server />;
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href="#/">Overview</a>
      </p>
    </>
  );
}

/** On a narrow screen the places are a strip that scrolls. */
function intoView(link: HTMLElement | null): void {
  link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function Side() {
  const { who, mode, version } = session.value ?? {};
  const here = path.value.split('/')[0];
  return (
    <header class="side">
      <a class="brand" href="#/">
        <img src="icon.svg" alt="" /> nagare
      </a>
      <nav aria-label="Pages">
        {PLACES.map((place) => (
          <a
            class="nav"
            key={place.path}
            href={linkTo(place.path === '' ? [] : [place.path])}
            aria-current={here === place.path ? 'page' : undefined}
            ref={here === place.path ? intoView : null}
          >
            <Icon name={place.icon} /> {place.title}
          </a>
        ))}
      </nav>
      <div class="side-foot">
        {demo.value.isRunning && (
          <button type="button" class="small" onClick={() => stopDemo()}>
            Stop the demo data
          </button>
        )}
        {mode === 'read-only' && <Tag tone="accent">read-only</Tag>}
        {who !== undefined && (
          <div class="row">
            <span class="mono" title={who}>
              {who.split(/[:/]/).at(-1)}
            </span>
            <button
              type="button"
              class="quiet small"
              onClick={() => void post('logout', {}).finally(() => location.reload())}
            >
              Log out
            </button>
          </div>
        )}
        <div class="row">
          <select
            aria-label="Theme"
            value={theme.value}
            onChange={(event) => setTheme(event.currentTarget.value as Theme)}
          >
            <option value="system">System</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
          <select
            aria-label="Time zone"
            title={zoneName()}
            value={timeZone.value}
            onChange={(event) => setTimeZone(event.currentTarget.value === 'UTC' ? 'UTC' : 'local')}
          >
            <option value="local">Local</option>
            <option value="UTC">UTC</option>
          </select>
        </div>
        <span>
          {version} · <kbd>?</kbd> keys
        </span>
      </div>
    </header>
  );
}
