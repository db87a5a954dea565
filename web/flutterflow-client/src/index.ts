// Everything that other parts may use.

export * from './ports.ts';

export * from './model/api_call.ts';
export * from './model/api_manager.ts';
export * from './model/app.ts';
export * from './model/app_state_notifier.ts';
export * from './model/auth_manager.ts';
export * from './model/dart_values.ts';
export * from './model/json_path.ts';
export * from './model/router.ts';
export * from './model/shared_preferences.ts';

export * from './recommended/api.ts';
export { LatchkeyError, TimeoutError } from './recommended/error.ts';
export type { ApiCallRecord, ApiObserver } from './recommended/observer.ts';
export { redactBody, redactHeaders, redactUrl, redactValue, shortenToken } from './recommended/redaction.ts';
export * from './recommended/session.ts';
export type * from './recommended/types.ts';

export * from './lab/cases.ts';
export type { Condition } from './lab/conditions.ts';
export { kLabRoutes, runFlow } from './lab/run_flow.ts';
export type { FlowOptions, FlowStep, LabAccount, StepRecord } from './lab/run_flow.ts';
export * from './lab/wiring.ts';
