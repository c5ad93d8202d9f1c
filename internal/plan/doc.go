// Package plan holds plans (kế hoạch), their tasks, and what each unit does about them: from the signed paper to the board that shows who is late.
//
// # The life of an assignment
//
// A plan is written as a draft: facts, basis and tasks, by hand, from a file, from last year's plan or from a superior's. Issuing it resolves each
// task's addressees over the tree of the plan's signing day (kinds of units, single units, roles) into one assignment per task and unit, with
// the occurrences that fall due: one for a day, one for each of several days, two for a half-yearly task, one for a yearly one, none for what happens
// on an event or all the time.
//
//	not received ── receive ──> received ── evidence ──> doing ── confirm ──> done | done late | entered late
//	                                                       ^                          │
//	                                                       └── answer ── returned <── ask for supplements (superior, focal body)
//
// A unit receives the plan, names a person, enters evidence going down the task's list (or says why something is missing), and its head confirms: on
// screen, or by having signed the paper. The day that counts is the day on the paper; the day of entry stands beside it. A superior may ask
// for supplements, extend a day (what was late stays late) and agree that a task does not apply; where the law exempts the unit, no consent is needed.
// A unit that came after the last day is not late but "entered late". What is only requested (đề nghị) is never overdue and never pressed.
//
// Nothing is erased: evidence is withdrawn with a reason, tasks of an issued plan are changed by a numbered amendment, and every step
// stands in the table plan_step beside the audit log.
//
// Other rooms tell plan of their records through RecordTx; plan keeps one evidence row for each assignment and record, so that the board reads plan's
// tables alone, and can rebuild them from the rooms' EvidenceSource.
package plan
