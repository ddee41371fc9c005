/** Bounds of the web console. */
export const consoleLimits = {
  /** Of a request of the console's own API. */
  requestBytesMax: 2 * 1024 * 1024,
  /** People who are logged in; the one who was idle longest leaves first. */
  sessionsMax: 1_000,
  /** A session ends after this time without a request. */
  sessionIdleMs: 8 * 3_600_000,
  /** A session ends after this time in any case. */
  sessionMsMax: 7 * 24 * 3_600_000,
  /** While something is being sent to a session (events, a file), it is checked again after this time. */
  sessionCheckMs: 2_000,
  /** Links of `nagare console login` that nobody has opened; the oldest leaves first. */
  loginTokensMax: 1_000,
  /** Such a link can be opened for this time, once. */
  loginTokenMs: 5 * 60_000,
  /** Open event streams; a browser has one, however many pages it shows. */
  eventStreamsMax: 500,
  /** The browser connects again after this time: proxies end long answers, and the session counts as used. */
  eventStreamMsMax: 10 * 60_000,
  /** Subscriptions of one event stream. */
  subscriptionsMax: 100,
  /** Messages that wait for a slow browser, in bytes; what sends them waits, too. */
  eventBytesQueuedMax: 1024 * 1024,
  /** An idle event stream sends an event after this time: proxies keep it open, and browsers know that it works. */
  heartbeatMs: 15_000,
  /** Interval between two measurements of rates, readers and shards that a page shows. */
  refreshMs: 2_000,
  /** The same for objects that are in another S3. */
  elsewhereRefreshMs: 15_000,
  /** Measurements that are kept for the small charts. */
  samplesMax: 90,
  /** Records are collected for this time before they are sent to a page. */
  tailFlushMs: 50,
  /** Records that a page gets in one message. */
  tailRowsMax: 500,
  /** Bytes that a page reads from a shard at once. */
  readBytesMax: 1024 * 1024,
  /** A page that follows a stream skips ahead, and says so, when it is further behind in a shard. */
  tailBehindRecordsMax: 10_000,
  /** Shards that one page reads at the same time. */
  tailShardsMax: 500,
  /** Records of each shard that a page shows before the newest one when it is opened. */
  tailBacklogRecords: 50,
  /** A search stops after this time; it can be continued. */
  searchMsMax: 5_000,
  /** It also stops when it has read these bytes of records. */
  searchBytesMax: 128 * 1024 * 1024,
  /** It also stops after so many matches. */
  searchMatchesMax: 500,
  /** Characters of a record that a list shows. */
  previewCharactersMax: 400,
  /** Larger records are not decoded for a list. */
  previewBytesMax: 256 * 1024,
  /** Records of a file that a page exports. */
  exportRecordsMax: 100_000,
  /** It also ends when it has read these bytes of records. */
  exportBytesMax: 256 * 1024 * 1024,
  /** Characters of a record that its page shows at once. */
  recordCharactersMax: 64 * 1024,
  /** Characters of a filter. */
  filterCharactersMax: 2_000,
  /** Rows of a list that the server sends at once. */
  listRowsMax: 200,
  /** Bytes of the newest records that are read to find the keys of a shard, at each refresh. */
  hotKeyBytesMax: 128 * 1024,
  /** Counters in each row of the sketch that counts the keys of a shard, for one page. */
  sketchWidth: 2_048,
  /** Rows of the sketch. */
  sketchDepth: 4,
  /** The most frequent keys of a shard that a page shows. */
  hotKeysMax: 5,
  /** Readers and shards whose age is looked up at each refresh. */
  readerLookupsMax: 500,
  /** The data folder is measured again after this time, while a page shows it. */
  diskUseMs: 30_000,
  /** Files of a part of the data folder that are read. */
  diskUseFilesMax: 50_000,
  /** Lines of the charts that a page asks for at once. */
  chartMetricsMax: 24,
  /** Points of a line. */
  chartPointsMax: 400,
  /** How far back charts go: as far as metrics are kept. */
  chartRangeSecondsMax: 455 * 86_400,
  /** Interval between two looks at the metrics of a chart whose periods are long. */
  chartRefreshMsMax: 15_000,
  /** Streams with readers whose lag the overview looks up. */
  readStreamsMax: 200,
  /** Delivery streams, channels and list logs that a page shows, of each. */
  deliveriesMax: 100,
  /** Buckets, or objects and prefixes, of one page. */
  objectsMax: 100,
  /** Bytes of an object's beginning that its page shows. */
  objectHeadBytes: 64 * 1024,
  /** Bytes of an object's end that its page shows. */
  objectTailBytes: 16 * 1024,
  /** Time between two messages about how far the check of a list log is. */
  checkProgressMs: 250,
  /** Requests that the page Activity gets in one message; older ones are counted. */
  requestsMax: 100,
  /** Time for which they are collected. */
  requestsFlushMs: 250,
  /** Queues that a page shows. */
  queuesMax: 100,
  /** Alarms that a page shows. */
  alarmsMax: 100,
  /** Problems that the overview shows. */
  problemsMax: 50,
} as const;
