/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vCPU and its host: raise, lower, doorbell, tickets. README.md says what
 * is modelled, what is left out, and which function is where.
 *
 * Memory is x86's: a store waits in the buffer of its CPU, and loads of that CPU
 * overtake it. A locked instruction waits until the buffer is empty.
 *
 * Each macro WITHOUT_... leaves out one thing. check asserts that it is missed.
 */

/* Levels: 0 is nothing urgent; 1 and 2 are. Tickets wrap, as the real ones do. */
#define TICKETS 3

/* SETTLE_TRIES of host/boost.c; fewer, so that they are used up sooner. */
#define TRIES 2

#define MAX(a, b) ((a) > (b) -> (a) : (b))

/* The CPUs: of the vCPU's thread, of a worker, of whoever kicks. */
#define THREAD 0
#define WORKER 1
#define OTHER  2

/* Guest word and host word, as they are in memory. */
byte g_urg, g_slp, g_ack;
byte h_granted, h_ticket;

/* A store of the host word that is in somebody's buffer. */
bool h_buffered;
byte b_granted, b_ticket, b_cpu;

/* The guest word as the vCPU sees it, and a store of it in the vCPU's buffer. */
byte n_urg, n_slp, n_ack;
bool g_buffered;

/* struct pvsched_vcpu */
mtype = { RUNNING, PREEMPTED, BLOCKED };
mtype state = RUNNING;
byte granted, ticket;
byte w_granted, w_ticket; /* host_word */
bool locked;              /* lock */
bool applying;            /* apply_lock */
byte applied;             /* the level that the thread really has */
bool posted;              /* events, for a worker */

bool on_cpu = true; /* the thread runs */
bool halting;       /* it is about to block */
bool irq;           /* an interrupt is pending in the vCPU */

/* Somebody is in the middle of something. */
bool guest_busy, worker_busy, other_busy;

/* Not part of the protocol, only of the proof. */
bool irq_due;     /* the pending interrupt may wake a sleeper; KVM kicked for it */
bool service_due; /* so may the one that is being served */
bool late;        /* the newest ticket came after its interrupt was taken */
bool gave_up;     /* the guest changed its mind too often */

/* ---- memory ---- */

#define DRAINED(cpu) \
	(!(h_buffered && b_cpu == (cpu)) && !(g_buffered && (cpu) == THREAD))

active proctype memory()
{
	do
	:: d_step {
			h_buffered ->
				late = (h_ticket != b_ticket -> !irq : late);
				h_granted = b_granted;
				h_ticket = b_ticket;
				h_buffered = false;
				b_granted = 0; b_ticket = 0; b_cpu = 0
		}
#ifdef WITHOUT_GUEST_BARRIER
	:: d_step {
			g_buffered ->
				g_urg = n_urg; g_slp = n_slp; g_ack = n_ack;
				g_buffered = false
		}
#endif
	od
}

/* ---- the host's side of the words: host/state.c ---- */

#ifdef WITHOUT_TICKETS
#define STALE false
#else
#define STALE (g_ack != ticket)
#endif

/* boost_level(), pvsched_state_wanted(): one load of the guest word. */
#define LEVEL  (STALE && g_slp > g_urg -> g_slp : g_urg)
#define WANTED (state == RUNNING && !granted -> 0 : LEVEL)

/* So that the few tickets of the model do not wrap around. */
#define ROOM ((ticket + 1) % TICKETS != n_ack)

#define ISSUE ticket = (ticket + 1) % TICKETS

/* pvsched_state_publish(); a second store would wait for the first one. */
#define PUBLISH(cpu) \
	if \
	:: w_granted != granted || w_ticket != ticket -> \
		!h_buffered; \
		w_granted = granted; w_ticket = ticket; \
		b_granted = granted; b_ticket = ticket; b_cpu = cpu; \
		h_buffered = true \
	:: else \
	fi

/*
 * Unlocking is a store after those of the host word, so whoever locks finds
 * these done.
 */
#define MAY_LOCK(cpu) (!locked && !h_buffered && DRAINED(cpu))

/* The thread gets on only while it runs. */
#define HERE(cpu) ((cpu) != THREAD || on_cpu)

/* ---- boosts: host/boost.c ---- */

#ifdef WITHOUT_REREAD
#define SATISFIED true
#else
#define SATISFIED (!level)
#endif

#ifdef WITHOUT_HOST_BARRIER
#define BARRIER(cpu) true
#else
#define BARRIER(cpu) DRAINED(cpu)
#endif

#ifdef WITHOUT_APPLY_LOCK
#define MAY_APPLY true
#else
#define MAY_APPLY !applying
#endif

#define GRANT(cpu) \
	granted = level; \
	PUBLISH(cpu); \
	if \
	:: SATISFIED -> locked = false; after = granted \
	:: else \
	fi

#ifdef WITHOUT_GIVING_UP
#define GIVE_UP(cpu) locked = false; after = granted
#else
#define GIVE_UP(cpu) level = 0; GRANT(cpu)
#endif

/* pvsched_boost_handle(): decide() with grant(), then apply() */
inline evaluate(cpu)
{
	atomic {
		HERE(cpu) && MAY_APPLY && MAY_LOCK(cpu) ->
			applying = true;
			locked = true;
			mine = true;
			before = granted;
			gave_up = false;
			level = WANTED;
			GRANT(cpu);
			mine = locked
	};
	do
	:: atomic {
			mine && BARRIER(cpu) ->
				again = WANTED;
				tries++;
				if
				:: again == level -> locked = false; after = granted
				:: again != level && tries < TRIES ->
					level = again;
					GRANT(cpu)
				:: again != level && tries == TRIES ->
					gave_up = true;
					GIVE_UP(cpu)
				fi;
				mine = locked
		}
	:: atomic {
			!mine && HERE(cpu) ->
				if
				:: before != after -> applied = after
				:: else
				fi;
				before = 0; after = 0; level = 0; again = 0; tries = 0;
				applying = false;
				break
		}
	od
}

active proctype worker()
{
	byte before, after, level, again, tries;
	bool mine; /* locked, by this one */

	do
	:: atomic { posted -> posted = false; worker_busy = true };
		evaluate(WORKER);
		worker_busy = false
	od
}

/* ---- the thread is switched out and in: host/watch.c ---- */

active proctype scheduler()
{
	do
	/* vcpu_sched_out() */
	:: atomic {
			on_cpu && MAY_LOCK(THREAD) ->
				on_cpu = false;
				gave_up = false;
				if
				:: halting && ROOM ->
					halting = false;
					state = BLOCKED;
					if
					:: !g_urg && g_slp -> ISSUE
					:: else
					fi
				:: state = PREEMPTED
				fi;
				PUBLISH(THREAD);
				posted = posted || WANTED != granted
		}
	/* vcpu_sched_in() */
	:: atomic {
			!on_cpu && MAY_LOCK(THREAD) && (state == PREEMPTED || irq) ->
				state = RUNNING;
				on_cpu = true
		}
	od
}

/* ---- interrupts, and another vCPU of the guest ---- */

#ifdef WITHOUT_TICKETS_WHILE_RUNNING
#define GETS_TICKET (state != RUNNING)
#else
#define GETS_TICKET true
#endif

/* pvsched_watch_kick() */
inline kick()
{
	atomic {
		ROOM && MAY_LOCK(OTHER) ->
			if
			:: g_slp ->
				irq_due = irq;
				if
				:: GETS_TICKET -> ISSUE
				:: else
				fi;
				PUBLISH(OTHER)
			:: else
			fi;
			gave_up = gave_up && state == RUNNING;
			posted = posted || (state != RUNNING && WANTED != granted);
			other_busy = false
	}
}

active proctype other()
{
	do
	/* A timer, a device. */
	:: atomic { other_busy = true; irq = true };
		kick()
#ifndef WITHOUT_GUEST_BARRIER
	/* pvsched_publish_wakeup() elsewhere, then an interrupt to reschedule. */
	:: atomic {
			g_slp && DRAINED(OTHER) ->
				other_busy = true;
				g_urg = MAX(g_urg, g_slp); n_urg = g_urg;
				g_slp = 0; n_slp = 0
		};
		irq = true;
		kick()
#endif
	/* Somebody changes a cap, the timer of a slice runs out. */
	:: posted = true
	od
}

/* ---- the guest: guest/publish.c, guest/word.h ---- */

/* word_replace() */
#ifdef WITHOUT_GUEST_BARRIER
/*
 * A plain store, as by a kernel with one CPU, which removes the lock prefix:
 * nobody else writes the word.
 */
#define MAY_STORE (on_cpu && !g_buffered)
#define WORD_REPLACE(urg, slp, ack) \
	n_urg = urg; n_slp = slp; n_ack = ack; g_buffered = true
#else
#define MAY_STORE (on_cpu && DRAINED(THREAD))
#define WORD_REPLACE(urg, slp, ack) \
	n_urg = urg; n_slp = slp; n_ack = ack; \
	g_urg = n_urg; g_slp = n_slp; g_ack = n_ack
#endif

/* A load of the host word sees what this CPU itself has stored there last. */
#define MAY_LOAD_HOST (on_cpu && !(h_buffered && b_cpu == THREAD))

/* pvsched_word_lowers(), pvsched_word_rings(), pvsched_doorbell_due() */
#define LOWERS (new_urg < old_urg || new_ack != old_ack)

#ifdef WITHOUT_TICKETS
#define ANSWERED true
#else
#define ANSWERED (new_ack == h_ticket)
#endif

#define RINGS (h_granted && ANSWERED && new_urg < h_granted)

#define RUNG_FOR_IT \
	(rung_granted == h_granted && rung_ticket == h_ticket && rung_urg == new_urg)

/*
 * A vCPU that was below what was granted before has rung already. It remembers
 * that, but whether it does must not matter: here it may ring again or not.
 */
#if defined(WITHOUT_RINGING_AGAIN)
byte rung_granted, rung_ticket, rung_urg;
#define DOORBELL \
	:: RINGS && !RUNG_FOR_IT -> due = true; \
		rung_granted = h_granted; rung_ticket = h_ticket; rung_urg = new_urg \
	:: RINGS && RUNG_FOR_IT -> skip
#elif defined(WITHOUT_RINGING_FOR_ANSWERS)
#define DOORBELL \
	:: RINGS -> due = old_urg >= h_granted
#else
#define DOORBELL \
	:: RINGS -> due = true \
	:: RINGS && old_urg < h_granted && new_ack == old_ack -> skip
#endif

/* Remember what is replaced, and replace it. */
#define PUBLISH_LOWER(urg, slp, ack) \
	old_urg = n_urg; old_ack = n_ack; \
	new_urg = urg; new_ack = ack; \
	WORD_REPLACE(new_urg, slp, new_ack); \
	guest_busy = LOWERS

/* pvsched_watch_ring(), thread_work() */
inline ring_if_due()
{
	if
	:: atomic {
			guest_busy && MAY_LOAD_HOST ->
				if
				DOORBELL
				:: !RINGS
				fi;
				guest_busy = due;
				old_urg = 0; old_ack = 0; new_urg = 0; new_ack = 0
		};
		if
		:: atomic {
				due && on_cpu && MAY_LOCK(THREAD) ->
					due = false;
					guest_busy = granted > 0
			};
			if
			:: guest_busy -> evaluate(THREAD); guest_busy = false
			:: else
			fi
		:: atomic { !due -> skip }
		fi
	:: atomic { !guest_busy -> old_urg = 0; old_ack = 0; new_urg = 0; new_ack = 0 }
	fi
}

/* A ticket that is there when the interrupt is taken is for it. */
#ifdef WITHOUT_TICKET_AT_ENTRY
#define AT_ENTRY
#define AT_EXIT	 seen = h_ticket; late = false
#else
#define AT_ENTRY seen = h_ticket; late = false
#define AT_EXIT
#endif

/* pvsched_publish_irq_entry(), the handler, pvsched_publish_irq_exit() */
inline interrupt()
{
	atomic {
		irq && MAY_LOAD_HOST ->
			guest_busy = true;
			irq = false;
			service_due = irq_due;
			irq_due = false;
			AT_ENTRY
	};
	if
	:: atomic { MAY_STORE && n_slp -> WORD_REPLACE(MAX(n_urg, n_slp), 0, n_ack) }
	:: on_cpu
	fi;
	atomic {
		MAY_STORE && MAY_LOAD_HOST ->
			AT_EXIT;
			if
			:: PUBLISH_LOWER(n_urg, n_slp, seen)
			/* The waiter was migrated, or a priority lowered. */
			:: n_urg -> PUBLISH_LOWER(n_urg - 1, n_slp, seen)
			fi;
			service_due = false;
			seen = 0
	};
	ring_if_due()
}

active proctype guest()
{
	byte before, after, level, again, tries;
	byte old_urg, old_ack, new_urg, new_ack;
	byte seen;
	bool mine, due;

	do
	:: interrupt()
	/* pvsched_publish_switch(): an urgent task goes to sleep, or ends. */
	:: atomic {
			MAY_STORE && n_urg ->
				if
				:: PUBLISH_LOWER(n_urg - 1, MAX(n_slp, n_urg), n_ack)
				:: PUBLISH_LOWER(n_urg - 1, n_slp, n_ack)
				:: PUBLISH_LOWER(0, MAX(n_slp, n_urg), n_ack)
				fi
		};
		ring_if_due()
	/* A task becomes more urgent, or wakes another one. */
	:: atomic { MAY_STORE && n_urg < 2 -> WORD_REPLACE(n_urg + 1, n_slp, n_ack) }
	:: atomic { MAY_STORE && n_slp > n_urg -> WORD_REPLACE(n_slp, 0, n_ack) }
	/* Nothing to do: the vCPU halts until there is an interrupt. */
	:: atomic {
			on_cpu && !n_urg && !irq ->
				halting = true;
				guest_busy = true
		};
		atomic {
			on_cpu && (!halting || irq) ->
				halting = false;
				guest_busy = false
		}
	od
}

/* ---- what must never be ---- */

#define QUIET \
	(!posted && !locked && !applying && !worker_busy && !other_busy && \
	 !h_buffered && !g_buffered)

/* The guest does not run, or has nothing left to do about its last change. */
#define SETTLED (QUIET && (state != RUNNING || (!guest_busy && !irq)))

#define NEED MAX(g_urg, (irq_due || service_due -> g_slp : 0))

active proctype monitor()
{
	bool lost_deboost, lost_raise, unanswered, not_applied;

	if
	/* A boost that the guest does not need and nobody will end. */
	:: atomic { SETTLED && !STALE && g_urg < granted -> lost_deboost = true }
	/* The vCPU needs a CPU, for more than it has, and nobody will see to it. */
	:: atomic {
			QUIET && state != RUNNING && !gave_up && NEED > granted ->
				lost_raise = true
		}
	/* A ticket that no interrupt is left to answer. */
	:: atomic {
			SETTLED && state == RUNNING && STALE && !late ->
				unanswered = true
		}
	:: atomic { QUIET && applied != granted -> not_applied = true }
	fi;
	assert(!lost_deboost);
	assert(!lost_raise);
	assert(!unanswered);
	assert(!not_applied)
}
