// Says whether gRPC waits for its sockets and timers in Asio, or in its completion queues.
//
// Since some release after 1.51, gRPC takes an EventEngine from the program, which does all waiting
// for it; its own engine waits on threads of its own, so that every call changes threads. The
// engine in asio_event_engine.h has been tried with gRPC 1.83. gRPC 1.51 takes none, but a thread
// that waits in one of its completion queues also waits for its sockets and timers.
#ifndef SERVER_RPC_GRPC_ON_ASIO_H_
#define SERVER_RPC_GRPC_ON_ASIO_H_

#include <grpcpp/version_info.h>

// The interfaces of either way exist only in some versions, so the preprocessor must choose.
#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 83
#define DOCSPACE_GRPC_ON_ASIO 1
#else
#define DOCSPACE_GRPC_ON_ASIO 0
#endif

#endif  // SERVER_RPC_GRPC_ON_ASIO_H_
