-- Each import has a table of its own now, without index, that is dropped with it (store/tasks/stage-tasks.ts).
drop table staged_tasks;
