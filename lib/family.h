/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The numbers that generic netlink has given the family. They are others each time
 * that the module is loaded, and who had joined its groups is in none then.
 */
#ifndef PVSCHED_LIB_FAMILY_H
#define PVSCHED_LIB_FAMILY_H

#include <pvsched/client.h>

struct nl_sock;
struct nlmsghdr;

struct family {
	int id;				/* type of its messages */
	int group[PVSCHED_GROUP_COUNT]; /* 0: it has none of that name */
};

/* What a message of generic netlink's own family says. */
enum family_news {
	FAMILY_NO_NEWS,
	FAMILY_GONE,
	FAMILY_NEW,
};

/* family: of FAMILY_NEW. */
enum family_news family_decode(struct nlmsghdr *msg, struct family *family);

/*
 * Ask for the numbers, by a socket that is closed then: one that has joined
 * something may get an event in place of its answer. Returns 0, -ENOENT if there is
 * no such family now, or another negative errno value.
 */
int family_look(struct family *family, struct pvsched_error *error);

/* Have sock hear when families come and go. */
int family_watch(struct nl_sock *sock, struct pvsched_error *error);

/* groups: bits by enum pvsched_group. Those that sock is in already do not matter. */
int family_join(struct nl_sock *sock, const struct family *family,
		unsigned int groups, struct pvsched_error *error);

#endif /* PVSCHED_LIB_FAMILY_H */
