/** The types of the Resource Groups Tagging API that nagare has. */
export interface TagFilter {
  Key?: string;
  Values?: string[];
}

export interface GetResourcesInput {
  PaginationToken?: string;
  TagFilters?: TagFilter[];
  ResourcesPerPage?: number;
  TagsPerPage?: number;
  ResourceTypeFilters?: string[];
  IncludeComplianceDetails?: boolean;
  ExcludeCompliantResources?: boolean;
  ResourceARNList?: string[];
}

export interface GetResourcesOutput {
  PaginationToken: string;
  ResourceTagMappingList: { ResourceARN: string; Tags: { Key: string; Value: string }[] }[];
}

export interface GetTagKeysInput {
  PaginationToken?: string;
}

export interface GetTagKeysOutput {
  PaginationToken: string;
  TagKeys: string[];
}

export interface GetTagValuesInput {
  PaginationToken?: string;
  Key: string;
}

export interface GetTagValuesOutput {
  PaginationToken: string;
  TagValues: string[];
}

export interface TagResourcesInput {
  ResourceARNList: string[];
  Tags: Record<string, string>;
}

export interface UntagResourcesInput {
  ResourceARNList: string[];
  TagKeys: string[];
}

export interface FailedResources {
  FailedResourcesMap: Record<string, { StatusCode: number; ErrorCode: string; ErrorMessage: string }>;
}
