import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'nagare-theme';
const stored = localStorage.getItem(KEY);

export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');
const isDarkPreferred = matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const isDark = theme.value === 'dark' || (theme.value === 'system' && isDarkPreferred.matches);
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
}

export function setTheme(next: Theme): void {
  theme.value = next;
  localStorage.setItem(KEY, next);
  applyTheme();
}

isDarkPreferred.addEventListener('change', applyTheme);
