import type { DisableEnhancedMonitoringInput, EnhancedMonitoringOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { changeShardMetrics } from '../streams/enhanced-monitoring.ts';

/** Disables shard-level metrics. */
export const disableEnhancedMonitoring: Handler<DisableEnhancedMonitoringInput, EnhancedMonitoringOutput> = (
  kinesis,
  input,
) => changeShardMetrics(kinesis, input, false);
