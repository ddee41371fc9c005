import type { EnableEnhancedMonitoringInput, EnhancedMonitoringOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeShardMetrics } from '../streams/enhanced-monitoring.ts';

/** Enables shard-level metrics. */
export const enableEnhancedMonitoring: Handler<EnableEnhancedMonitoringInput, EnhancedMonitoringOutput> = (
  kinesis,
  input,
) => changeShardMetrics(kinesis, input, true);
