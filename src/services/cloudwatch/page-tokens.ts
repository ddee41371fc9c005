import { PageTokens } from '../../aws/page-token.ts';
import { invalidNextToken } from './errors.ts';

export const pageTokens = new PageTokens({ invalid: invalidNextToken });
