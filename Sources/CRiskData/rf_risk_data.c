/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_risk_data.h"

static const unsigned char weights[] = {
#embed "../../profiles/risk-weights.conf"
};

struct rf_risk_file rf_risk_weights(void)
{
	return (struct rf_risk_file){weights, sizeof(weights)};
}
