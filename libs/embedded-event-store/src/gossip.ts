import { randomUUID } from 'node:crypto';
import { gossip, shared } from './protocol.js';

/** What `Gossip.Read` answers: a cluster of this one node, its leader, under the address by which the client reached it. */
export class Gossip {
  private readonly instanceId = randomUUID();

  read(authority: string): gossip.ClusterInfo {
    const { hostname, port } = new URL(`http://${authority}`);
    const member = new gossip.MemberInfo()
      .setInstanceId(new shared.UUID().setString(this.instanceId))
      .setTimeStamp(String(Date.now() * 10_000))
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(hostname).setPort(Number(port)));
    return new gossip.ClusterInfo().setMembersList([member]);
  }
}
