// The message classes and service definitions of the protocol, as shipped inside the client package. They are CommonJS files
// whose exports cannot be detected by name, hence the default imports, gathered here once.
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import persistentService from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import projectionsService from '@eventstore/db-client/generated/projections_grpc_pb.js';
import projections from '@eventstore/db-client/generated/projections_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

export { features, gossip, persistent, projections, shared, status, streams };

export const { StreamsService } = streamsService;
export const { PersistentSubscriptionsService } = persistentService;
export const { ProjectionsService } = projectionsService;
export const { ServerFeaturesService } = featuresService;
export const { GossipService } = gossipService;
