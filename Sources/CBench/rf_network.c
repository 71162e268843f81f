/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A query for the address of bench.example (RFC 1035). */
static const char query[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\5bench\7example\0\0\1\0\1";

struct ends {
	int from, to;
	struct sockaddr_in at;
};

static int open_ends(struct ends *ends, const char *address, int port)
{
	socklen_t size = sizeof(ends->at);

	memset(&ends->at, 0, sizeof(ends->at));
	ends->at.sin_family = AF_INET;
	ends->at.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, address, &ends->at.sin_addr);
	ends->from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ends->to = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ends->from < 0 || ends->to < 0 || bind(ends->to, (struct sockaddr *)&ends->at, size) ||
	    getsockname(ends->to, (struct sockaddr *)&ends->at, &size))
		return errno;
	return 0;
}

static int send_once(const struct ends *ends)
{
	char bytes[64];

	if (sendto(ends->from, query, sizeof(query) - 1, 0, (const struct sockaddr *)&ends->at, sizeof(ends->at)) < 0)
		return errno;
	return recv(ends->to, bytes, sizeof(bytes), 0) < 0 ? errno : 0;
}

/* To a port where nobody listens: it is refused at once. */
static int connect_once(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int failure;

	if (descriptor < 0)
		return errno;
	failure = connect(descriptor, (struct sockaddr *)&to, sizeof(to)) && errno != ECONNREFUSED ? errno : 0;
	close(descriptor);
	return failure;
}

static int batch(int workload, uint64_t iterations, const struct ends *ends)
{
	int failure = 0;

	while (iterations-- && !failure)
		failure = workload == RF_BENCH_CONNECT ? connect_once() : send_once(ends);
	return failure;
}

int rf_bench_network(int workload, uint64_t iterations, uint32_t batches, double *nanoseconds)
{
	struct ends ends = { .from = -1, .to = -1 };
	int failure = open_ends(&ends, workload == RF_BENCH_QUERY ? "127.0.0.98" : "127.0.0.1",
				workload == RF_BENCH_QUERY ? 53 : 0);

	if (!failure)
		failure = batch(workload, iterations, &ends);
	for (uint32_t i = 0; i < batches && !failure; i++) {
		uint64_t start = rf_bench_now();

		failure = batch(workload, iterations, &ends);
		nanoseconds[i] = (double)(rf_bench_now() - start) / (double)iterations;
	}
	close(ends.from);
	close(ends.to);
	return failure;
}
