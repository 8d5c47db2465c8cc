// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The numbers that generic netlink has given the family.
 */
#include <errno.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "error.h"
#include "family.h"
#include "socket.h"

/* As the kernel has them. */
#define CTRL_FAMILY "nlctrl"
#define CTRL_NEWS   "notify"

static const struct nla_policy ctrl_policy[CTRL_ATTR_MAX + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_NUL_STRING },
	[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
};

static const struct nla_policy group_policy[CTRL_ATTR_MCAST_GRP_MAX + 1] = {
	[CTRL_ATTR_MCAST_GRP_NAME] = { .type = NLA_NUL_STRING },
	[CTRL_ATTR_MCAST_GRP_ID] = { .type = NLA_U32 },
};

static void group_decode(struct nlattr *nest, struct family *family)
{
	struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
	unsigned int group;

	if (nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, nest, group_policy) <
		    0 ||
	    !tb[CTRL_ATTR_MCAST_GRP_NAME] || !tb[CTRL_ATTR_MCAST_GRP_ID])
		return;
	for (group = 0; group < PVSCHED_GROUP_COUNT; group++)
		if (!strcmp(nla_get_string(tb[CTRL_ATTR_MCAST_GRP_NAME]),
			    pvsched_group_name(group)))
			family->group[group] =
				nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
}

enum family_news family_decode(struct nlmsghdr *msg, struct family *family)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct nlattr *pos;
	int rem;

	memset(family, 0, sizeof(*family));
	if (!genlmsg_valid_hdr(msg, 0) ||
	    genlmsg_parse(msg, 0, tb, CTRL_ATTR_MAX, ctrl_policy) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_NAME] || !tb[CTRL_ATTR_FAMILY_ID] ||
	    strcmp(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]),
		   PVSCHED_FAMILY_NAME))
		return FAMILY_NO_NEWS;
	if (genlmsg_hdr(msg)->cmd == CTRL_CMD_DELFAMILY)
		return FAMILY_GONE;
	if (genlmsg_hdr(msg)->cmd != CTRL_CMD_NEWFAMILY)
		return FAMILY_NO_NEWS;
	family->id = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		nla_for_each_nested(pos, tb[CTRL_ATTR_MCAST_GROUPS], rem)
			group_decode(pos, family);
	return FAMILY_NEW;
}

int family_look(struct family *family, struct pvsched_error *error)
{
	struct pvsched_client *client;
	unsigned int group;
	int err = pvsched_client_open(&client, error);

	memset(family, 0, sizeof(*family));
	if (err)
		return err;
	family->id = client->family;
	for (group = 0; group < PVSCHED_GROUP_COUNT && !err; group++) {
		const char *name = pvsched_group_name(group);
		int id = genl_ctrl_resolve_grp(client->sock,
					       PVSCHED_FAMILY_NAME, name);

		if (id < 0)
			err = error_set(error, error_from_nl(id),
					"looking up group %s: %s", name,
					nl_geterror(id));
		else
			family->group[group] = id;
	}
	pvsched_client_close(client);
	return err;
}

int family_watch(struct nl_sock *sock, struct pvsched_error *error)
{
	int id = genl_ctrl_resolve_grp(sock, CTRL_FAMILY, CTRL_NEWS);
	int err = id < 0 ? id : nl_socket_add_membership(sock, id);

	return err >= 0 ?
		       0 :
		       error_set(
			       error, error_from_nl(err),
			       "listening to the modules that come and go: %s",
			       nl_geterror(err));
}

static int group_join(struct nl_sock *sock, const struct family *family,
		      unsigned int group, struct pvsched_error *error)
{
	const char *name = pvsched_group_name(group);
	int err = family->group[group] ?
			  nl_socket_add_membership(sock, family->group[group]) :
			  -NLE_OBJ_NOTFOUND;

	if (err >= 0)
		return 0;
	if (error_from_nl(err) == -EPERM) {
		error_set(
			error, -EPERM,
			"listening to group %s: not permitted: needs CAP_NET_ADMIN, as events tell what every VM does",
			name);
		error->refused = true;
		return -EPERM;
	}
	return error_set(error, error_from_nl(err), "listening to group %s: %s",
			 name, nl_geterror(err));
}

int family_join(struct nl_sock *sock, const struct family *family,
		unsigned int groups, struct pvsched_error *error)
{
	unsigned int group;
	int err = 0;

	for (group = 0; group < PVSCHED_GROUP_COUNT && !err; group++)
		if (groups & (1U << group))
			err = group_join(sock, family, group, error);
	return err;
}
