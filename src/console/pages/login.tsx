import { useEffect, useRef, useState } from 'preact/hooks';
import { loadSession, post } from './api.ts';
import { replace, route } from './router.ts';
import { messageOf, Problem, useModal } from './ui.tsx';

export function Login() {
  const { token } = route.value.query;
  const [isRefused, setRefused] = useState<string>();
  useEffect(() => {
    if (token === undefined) return;
    // Out of the address and of the history: it works once.
    replace('#/');
    post('login', { token }).then(loadSession, (error: unknown) => setRefused(messageOf(error)));
  }, []);
  return (
    <main class="login">
      <Problem text={isRefused} />
      <LoginForm
        title="Log in to nagare"
        text="With an access key of this server, or a link of nagare console login. You see and do what the policies of the key allow."
      />
    </main>
  );
}

/** Above a page whose session has ended: what was typed into it stays. */
export function LoginAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    <dialog ref={dialog} onCancel={(event) => event.preventDefault()} aria-label="Log in again">
      <LoginForm
        title="Log in again"
        text="The session has ended: its time is over, its key is not valid any more, or the server was started again. What you typed is kept."
      />
    </dialog>
  );
}

function LoginForm({ title, text }: { readonly title: string; readonly text: string }) {
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [accessKeyId, setKey] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [sessionToken, setToken] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    post('login', {
      accessKeyId: accessKeyId.trim(),
      secretAccessKey: secretAccessKey.trim(),
      sessionToken: sessionToken.trim(),
    })
      .then(loadSession)
      .catch((error: unknown) => setProblem(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form class="panel" onSubmit={submit}>
      <div class="row">
        <img src="icon.svg" alt="" width="32" height="32" />
        <h1>{title}</h1>
      </div>
      <p class="muted">{text}</p>
      <label class="field">
        Access key ID
        <input
          name="username"
          required
          autocomplete="username"
          value={accessKeyId}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Secret access key
        <input
          name="password"
          type="password"
          required
          autocomplete="current-password"
          value={secretAccessKey}
          onInput={(event) => setSecret(event.currentTarget.value)}
        />
      </label>
      <details>
        <summary class="small">Temporary credentials</summary>
        <label class="field">
          Session token
          <input
            value={sessionToken}
            autocomplete="off"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
      </details>
      <Problem text={problem} />
      <button type="submit" class="primary" disabled={isBusy}>
        Log in
      </button>
    </form>
  );
}
