import { type Authorization, type AuthorizationRule, onAll } from '../../protocol/authorization.ts';
import type api from './api.json';

/** List logs are nagare's own: `nagare:CreateListLog` and so on, on the resource `*`. */
export const listLogAuthorization: Authorization = {
  prefix: 'nagare',
  rules: {
    CreateListLog: onAll,
    DeleteListLog: onAll,
    DescribeListLog: onAll,
    ListListLogs: onAll,
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>,
};
