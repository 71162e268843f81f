/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/risk-weights.conf, which the programs carry inside, so that they need no file at run time. */
#ifndef RF_RISK_DATA_H
#define RF_RISK_DATA_H

#include <stddef.h>

/* A file's bytes, which live as long as the program. */
struct rf_risk_file {
	const unsigned char *bytes;
	size_t size;
};

struct rf_risk_file rf_risk_weights(void);

#endif
