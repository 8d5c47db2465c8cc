// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

int kernel_open(struct kernel *kernel, struct pvsched_error *error)
{
	int err = pvsched_client_open(&kernel->client, error);

	if (!err)
		err = pvsched_monitor_open(&kernel->monitor,
					   1U << PVSCHED_GROUP_CONFIG,
					   PVSCHED_MONITOR_RESYNC,
					   sizeof(struct pvsched_event), error);
	if (err)
		kernel_close(kernel);
	return err;
}

void kernel_close(struct kernel *kernel)
{
	pvsched_monitor_close(kernel->monitor);
	pvsched_client_close(kernel->client);
	*kernel = (struct kernel){ 0 };
}
