import { status, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import type { Caller } from '../access/caller.js';
import type { EventLog } from '../event-log.js';
import { projections } from '../protocol.js';
import { accessDenied, RpcError, storageFailure } from '../rpc-errors.js';
import type { ProjectionRunner, RunningProjection } from './projection-runner.js';

type SwitchRequest = projections.EnableReq | projections.DisableReq;
type SwitchResponse = projections.EnableResp | projections.DisableResp;

/**
 * The part of the service `Projections` that system projections need: enable, disable, statistics. Everything about projections
 * of one's own is not implemented, and says so.
 */
export function projectionCalls(runner: ProjectionRunner, log: EventLog) {
  const switchTo =
    (enabled: boolean) =>
    (caller: Caller, call: ServerUnaryCall<SwitchRequest, SwitchResponse>, callback: sendUnaryData<SwitchResponse>) => {
      if (!caller.isKnown) return callback(accessDenied());
      const name = call.request.getOptions()?.getName() ?? '';
      const response = enabled ? new projections.EnableResp() : new projections.DisableResp();
      runner.setEnabled(name, enabled).then(
        (found) => (found ? callback(null, response) : callback(projectionNotFound(name))),
        (error: unknown) => callback(storageFailure(error)),
      );
    };
  return {
    enable: switchTo(true),
    disable: switchTo(false),
    statistics: (caller: Caller, call: ServerWritableStream<projections.StatisticsReq, projections.StatisticsResp>) => {
      const options = call.request.getOptions();
      const name = options?.hasName() === true ? options.getName() : undefined;
      const found = name === undefined ? undefined : runner.find(name);
      if (!caller.isKnown) return call.emit('error', accessDenied());
      if (name !== undefined && found === undefined) return call.emit('error', projectionNotFound(name));
      const wantsNone = options?.hasOneTime() === true || options?.hasTransient() === true;
      const listed = found === undefined ? (wantsNone ? [] : runner.list()) : [found];
      for (const running of listed)
        call.write(new projections.StatisticsResp().setDetails(detailsOf(running, log.endPosition)));
      call.end();
      return true;
    },
  };
}

function detailsOf(
  { projection, enabled, position }: RunningProjection,
  end: number,
): projections.StatisticsResp.Details {
  const place = `C:${position}/P:${position}`;
  return new projections.StatisticsResp.Details()
    .setName(projection.name)
    .setEffectivename(projection.name)
    .setStatus(enabled ? 'Running' : 'Stopped')
    .setMode('Continuous')
    .setPosition(place)
    .setLastcheckpoint(place)
    .setProgress(Math.min(100, (position / end) * 100));
}

const projectionNotFound = (name: string): RpcError =>
  new RpcError(status.NOT_FOUND, `The projection ${name} does not exist: only system projections are offered.`);
