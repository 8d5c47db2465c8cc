/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A wake-up that is left to another CPU, guest/queued.c: the waker announces the
 * task in that CPU's guest word, while the CPU publishes switches and ends of
 * interrupts there, of which none knows of the task. See README.md.
 */

#define NORMAL 1
#define URGENT 2

/* The guest word, of which the larger one counts. */
byte running = NORMAL;
byte waiter = 0;
/* Of who is remembered. */
byte slot = 0;
/* The task is on the CPU's list: its waker is done. */
bool listed = false;
/* The CPU is between two changes: here the host may preempt it. */
bool between = true;
/* The task runs. */
bool done = false;

#define URGENCY(r, w)	(r > w -> r : w)
/* pvsched_word_woken() */
#define WOKEN(r, w, l)	(l > URGENCY(r, w) -> l : w)

/* waiter_raise() */
inline raise(l)
{
	do
	:: d_step { r = running; w = waiter };
	   if
	   :: WOKEN(r, w, l) == w -> break
	   :: else -> skip
	   fi;
	   atomic {
		if
		:: running == r && waiter == w -> waiter = l; break
		:: else -> skip
		fi
	   }
	od
}

/* pvsched_publish_queued(); then the kernel puts the task on the list. */
active proctype waker()
{
	byte r, w;

#ifndef WITHOUT_SLOT
	slot = URGENT;
#endif
	raise(URGENT);
	listed = true
}

/* pvsched_publish_switch() to what has that level; pvsched_publish_irq_exit() with no
 * reschedule due is the same with what runs. */
inline publish(level)
{
	byte found;

	do
	:: d_step { r = running; w = waiter };
	   found = slot;
	   nr = level;
	   nw = WOKEN(level, 0, found);
	   if
	   :: nr == r && nw == w -> break
	   :: else -> skip
	   fi;
	   atomic {
		if
		:: running == r && waiter == w ->
			running = nr;
			waiter = nw;
			replaced = true;
			break
		:: else -> skip
		fi
	   }
	od;
#ifndef WITHOUT_SECOND_LOOK
	/* queued_again() */
	if
	:: replaced ->
		found = slot;
		if
		:: found > 0 -> raise(found)
		:: else -> skip
		fi
	:: else -> skip
	fi
#endif
}

active proctype cpu()
{
	byte r, w, nr, nw;
	bool replaced;
	byte steps = 0;

	/* What runs at first may be as urgent, and sleep next. */
	if
	:: running = URGENT
	:: skip
	fi;
	do
	:: steps < 3 ->
		steps++;
		between = false;
		replaced = false;
		if
		:: publish(NORMAL)
		:: publish(URGENT)
		fi;
		between = true
	:: listed ->
		/* The list is read: sched_wakeup, then the switch to the task. */
		between = false;
		raise(URGENT);
		slot = 0;
		replaced = false;
		publish(URGENT);
		done = true;
		between = true;
		break
	od
}

/* The host has preempted the CPU, and the task is on its list. */
active proctype host()
{
	bool dropped;

	atomic {
		listed && between && !done ->
		dropped = URGENCY(running, waiter) < URGENT;
		assert(!(dropped))
	}
}
