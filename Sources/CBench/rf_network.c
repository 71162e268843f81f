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

/* What a socket's buffer holds with room to spare, whatever its limit. */
#define BURST 32

/*
 * Sends `count` datagrams, at most BURST, and adds what that takes to `spent`: on loopback a send brings the datagram to the
 * receiver's queue, through the hooks of both directions. Taking them from the queue is not part of it.
 */
static int send_burst(const struct ends *ends, uint64_t count, uint64_t *spent)
{
	uint64_t start = rf_bench_now();
	char bytes[64];

	for (uint64_t i = 0; i < count; i++)
		if (sendto(ends->from, query, sizeof(query) - 1, 0, (const struct sockaddr *)&ends->at, sizeof(ends->at)) < 0)
			return errno;
	*spent += rf_bench_now() - start;
	for (uint64_t i = 0; i < count; i++)
		if (recv(ends->to, bytes, sizeof(bytes), 0) < 0)
			return errno;
	return 0;
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

static int connect_all(uint64_t count, uint64_t *spent)
{
	uint64_t start = rf_bench_now();
	int failure = 0;

	while (count-- && !failure)
		failure = connect_once();
	*spent += rf_bench_now() - start;
	return failure;
}

static int send_all(const struct ends *ends, uint64_t count, uint64_t *spent)
{
	int failure = 0;

	while (count && !failure) {
		uint64_t burst = count < BURST ? count : BURST;

		failure = send_burst(ends, burst, spent);
		count -= burst;
	}
	return failure;
}

static int batch(int workload, uint64_t iterations, const struct ends *ends, uint64_t *spent)
{
	return workload == RF_BENCH_CONNECT ? connect_all(iterations, spent) : send_all(ends, iterations, spent);
}

int rf_bench_network(int workload, uint64_t iterations, uint32_t batches, double *nanoseconds)
{
	struct ends ends = { .from = -1, .to = -1 };
	int failure = open_ends(&ends, workload == RF_BENCH_QUERY ? "127.0.0.98" : "127.0.0.1",
				workload == RF_BENCH_QUERY ? 53 : 0);
	uint64_t spent = 0;

	if (!failure)
		failure = batch(workload, iterations, &ends, &spent);
	for (uint32_t i = 0; i < batches && !failure; i++) {
		spent = 0;
		failure = batch(workload, iterations, &ends, &spent);
		nanoseconds[i] = (double)spent / (double)iterations;
	}
	close(ends.from);
	close(ends.to);
	return failure;
}
