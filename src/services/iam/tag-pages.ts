import { type Tags, tagList } from '../../aws/tags.ts';
import { type Page, pageOfList, type PageRequest } from './paging.ts';

/** A page of the tags of the entity with that ID. */
export function pageOfTags(
  id: string,
  request: PageRequest,
  tags: Tags,
): Promise<Page<{ readonly Key: string; readonly Value: string }>> {
  return pageOfList(`tags of ${id}`, request, tagList(tags), ({ Key }) => Key);
}
